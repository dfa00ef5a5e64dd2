"""What a reader is shown in place of a reference: the words for each resource of a record."""

from bundles import BIOPSY, INDETERMINATE, US_LEG, bundle, inconclusive, order, report

from reasoner.answer.record_wording import record_words


def said(reasoner, *resources):
    """The words for the resources of a record."""
    record = reasoner.reply(bundle(*resources)).record
    return record_words(reasoner.knowledge, record.statements)


def test_a_finding_a_study_and_an_order_are_said_in_words(reasoner):
    words = said(reasoner, *inconclusive(), order("o1", BIOPSY))
    assert words["Condition/mass-1"] == "soft tissue mass, deep to fascia, thigh"
    assert words["DiagnosticReport/us-1"] == "US lower extremity: indeterminate result"
    assert words["ServiceRequest/o1"] == "order: image-guided biopsy"


def test_two_resources_that_say_the_same_are_told_apart_by_their_names(reasoner):
    words = said(reasoner, *inconclusive(), report("us-2", US_LEG, INDETERMINATE))
    alike = "US lower extremity: indeterminate result"
    assert [words[f"DiagnosticReport/us-{n}"] for n in (1, 2)] == [
        f"{alike} (DiagnosticReport/us-{n})" for n in (1, 2)
    ]


def test_every_resource_of_every_case_has_words_of_its_own(replies):
    for name, reply in replies.items():
        words = record_words(reply.knowledge, reply.record.statements)
        assert all(words.values()) and len(set(words.values())) == len(words), name


def test_no_word_is_an_identifier_where_one_resource_says_it(replies):
    reply = replies["example"]
    words = record_words(reply.knowledge, reply.record.statements)
    assert not [text for text in words.values() if "/" in text or "ia:" in text or "#" in text]


def test_the_day_of_a_study_stands_behind_its_words(reasoner):
    record = reasoner.reply(bundle(*inconclusive(), report("us-2", US_LEG, INDETERMINATE))).record
    days = {"DiagnosticReport/us-1": "2026-04-18", "DiagnosticReport/us-2": "2026-04-20"}
    words = record_words(reasoner.knowledge, record.statements, days)
    assert [words[f"DiagnosticReport/us-{n}"] for n in (1, 2)] == [
        f"US lower extremity: indeterminate result, 2026-04-{day}" for day in (18, 20)
    ]
