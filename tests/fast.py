"""What tests cost: which are marked `fast`, so that `pytest -m fast -n 2` ends in a minute.

A file of WHOLE is fast but for the functions of SLOW; of a file of PARTS only the functions named.
Of a function with more than FEW cases, every tenth one is fast. Each folder of the package
has a fast test (test_architecture.py); the rest is tested by `pytest`.
"""

WHOLE = {
    "architecture",
    "bounds",
    "cases_cds",
    "codes",
    "cohort_servers",
    "identity",
    "intake",
    "notices",
    "orders",
    "record_words",
    "requirements",
    "safety_codes",
    "safety_rules",
    "sbom",
    "screens",
    "text",
    "types",
}
PARTS = {
    "api": ["test_a_table_has_the_golden_rows", "test_the_readme_tells_the_api"],
    "cases": ["test_a_record_gets_the_answer_that_its_case_expects"],
    "classify": [
        "test_a_construct_outside_the_fragment_is_refused",
        "test_a_defined_class_implies_more_than_its_definition",
        "test_contradictions_are_found",
        "test_evidence_includes_alternatives",
        "test_evidence_is_the_facts_behind_a_class_and_no_other",
    ],
    "cli": ["test_every_format_renders_every_outcome"],
    "cohort_tables": ["test_cells_do_not_break_a_table"],
    "construction": [
        "test_a_scenario_applies_to_its_smallest_patients",
        "test_a_term_without_a_code_cannot_be_said",
        "test_what_is_taken_away_is_asked_for",
    ],
    "diff": [
        "test_class_expressions_read_as_in_protege",
        "test_a_name_inside_a_longer_name_is_not_renamed",
        "test_an_edition_differs_in_nothing_from_itself",
    ],
    "docs": [
        "test_every_term_has_its_place",
        "test_nothing_is_fetched_from_elsewhere",
    ],
    "fmt": [
        "test_blank_node_used_twice_is_refused_by_its_owners",
        "test_formatted_file_is_a_fixed_point",
        "test_layout",
        "test_ontology_file_is_formatted",
        "test_syntax_error_names_the_line",
    ],
    "new": ["test_what_does_not_fit_is_refused_and_nothing_is_written"],
    "ontology": [
        "test_a_bad_cell_is_named_with_its_remedy",
        "test_every_term_of_a_document_is_declared",
        "test_every_term_of_a_query_or_table_is_declared",
        "test_the_editions_have_the_ratings_of_the_tables",
        "test_what_a_guideline_says_names_its_source",
    ],
    "proof": [
        "test_a_lost_premise_is_noticed",
        "test_each_fault_of_a_proof_is_found",
        "test_the_proof_of_the_example_can_be_read",
    ],
    "rules": [
        "test_a_rule_concludes_what_is_written",
        "test_a_rule_says_what_it_concludes_and_why",
        "test_what_each_rule_concludes_is_written",
    ],
    "serve_cds": ["test_two_drafts_are_rated_each", "test_the_public_sandbox_finds_what_it_reads"],
    "synth": [
        "test_a_code_that_no_table_holds_is_refused",
        "test_settings_that_will_not_do_are_refused",
        "test_the_verdict_on_an_order_is_that_of_the_rating_table",
    ],
    "validate": [
        "test_check_header",
        "test_every_check_and_shape_has_a_twin_and_the_reverse",
        "test_form_of_codes",
        "test_released_terms_are_a_sorted_list_that_only_grows",
        "test_shapes_are_valid_shapes_and_apart_from_the_imports",
        "test_shipped_graph_is_fit",
    ],
}
SLOW = {  # one second or more
    "test_a_mutated_record_gets_a_valid_answer_or_an_error_that_names_its_place",
    "test_a_question_is_wrapped_and_listed_alike",
    "test_color_is_forced_into_a_pipe_and_no_color_wins",
    "test_every_resource_is_used_or_noted",
    "test_the_command_prints_full_lines_into_a_pipe_and_columns_wrap_them",
    "test_whatever_stands_in_an_envelope_it_opens_or_says_why_not",
}
FEW, STEP = 20, 10


def is_fast(file: str, function: str) -> bool:
    """Whether a test function is fast; `file` is the name of its file between `test_` and `.py`."""
    if file in WHOLE:
        return function not in SLOW
    return function in PARTS.get(file, ())


def is_sampled(place: int, cases: int) -> bool:
    """Whether the case at a place among the cases of a fast function is fast as well."""
    return cases <= FEW or place % STEP == 0
