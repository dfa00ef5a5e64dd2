"""Slips in the graph that came up in reviews, several of each kind; `graph_edits.py` applies them.

Each is what one wrong word, number or line makes of a sound graph.
"""

from graph_edits import (
    CRITERIA,
    ICD,
    LOINC,
    NCIT,
    RADLEX,
    RXNORM,
    SAFETY,
    SCENARIOS,
    SNOMED,
    TOPIC,
    VOCABULARY,
    Step,
    about,
    asking,
    built_row,
    nothing,
    row,
    site,
    term,
    text,
)

PACEMAKER, STATUS, EGFR = "SCTID:14106009", "ICD10CM:Z95.0", "LOINC:98979-8"
UNSAFE, SAFE, CONDITIONAL = "NCIT:C106047", "NCIT:C106045", "NCIT:C106046"
LOWER_LIMB = "SCTID:309527000"
CURRENT, FORMER = "ia:isCurrent true", "ia:isCurrent false"
VARIANT_3 = "MassAfterInconclusiveRadiographAndUltrasound"
VARIANT_4 = VARIANT_3 + "MriContraindicated"
RATING = (
    'ia:SuperficialMassInitialImaging,"soft tissue mass, superficial or palpable, '
    'initial imaging",ia:Radiography,radiography area of interest,%s,varies,varies,,,,'
    "ia:SoftTissueMasses2022"
)
Edits = dict[str, list[Step]]
SLIPS: dict[str, Edits] = {
    "current edition": {
        "no edition is current": [term(TOPIC, "SoftTissueMasses2022", CURRENT, FORMER)],
        "the older edition is current": [
            term(TOPIC, "SoftTissueMasses2022", CURRENT, FORMER),
            term(TOPIC, "SoftTissueMasses2017", FORMER, CURRENT),
        ],
    },
    "phase": {
        "an initial scenario is of the next phase": [
            built_row(SCENARIOS, "DeepMassInitialImaging", "InitialImagingPhase", "NextStudyPhase")
        ],
        "the next phase starts the work-up": [
            term(VOCABULARY, "NextStudyPhase", "startsWorkUp false", "startsWorkUp true")
        ],
    },
    "disjoint classes": {
        "a simple benign result is suspicious": [
            term(
                VOCABULARY,
                "SimpleBenignResult",
                "ia:BenignResult .",
                "ia:BenignResult , ia:SuspiciousResult .",
            )
        ],
        "an indeterminate result is benign": [
            term(
                VOCABULARY,
                "IndeterminateResult",
                "ia:InconclusiveResult ,",
                "ia:InconclusiveResult , ia:BenignResult ,",
            )
        ],
        "a normal radiograph is specifically benign": [
            term(
                VOCABULARY,
                "NormalRadiograph",
                "ia:InconclusiveResult ,",
                "ia:InconclusiveResult , ia:SpecificBenignResult ,",
            )
        ],
        "a suspicious result is inconclusive": [
            term(
                VOCABULARY,
                "SuspiciousResult",
                "ia:UncharacterizedResult .",
                "ia:InconclusiveResult .",
            )
        ],
    },
    "safety rule": {
        "contraindicated mri is a caution": [
            term(SAFETY, "MriContraindicatedRule", '"contraindicated"', '"caution"')
        ],
        "gadolinium in pregnancy warns of iodine": [
            term(
                SAFETY,
                "PregnancyGadoliniumRule",
                "ia:hasHazard ia:GadoliniumContrast",
                "ia:hasHazard ia:IodinatedContrast",
            )
        ],
        "gadolinium with weak kidneys warns of the magnet": [
            term(
                SAFETY,
                "GadoliniumKidneyRule",
                "ia:hasHazard ia:GadoliniumContrast",
                "ia:hasHazard ia:MagneticField",
            )
        ],
        "iodine with weak kidneys is contraindicated": [
            term(SAFETY, "IodinatedKidneyRule", '"caution"', '"contraindicated"')
        ],
        "the rule on conditional devices is about others": [
            term(
                SAFETY,
                "ConditionalDeviceRule",
                "ia:whenIn ia:ConditionalDevicePresent",
                "ia:whenIn ia:DeviceWithoutRulePresent",
            )
        ],
    },
    "MR label": {
        "a device labeled safe counts as unsafe": [
            term(
                SAFETY, "UnsafeDevicePresent", "owl:hasValue ia:MrUnsafe", "owl:hasValue ia:MrSafe"
            )
        ],
        "a device labeled unsafe counts as conditional": [
            term(
                SAFETY,
                "ConditionalDevicePresent",
                "owl:hasValue ia:MrConditional",
                "owl:hasValue ia:MrUnsafe",
            )
        ],
        "the codes of safe and unsafe are swapped": [
            row(NCIT, UNSAFE, about("MrSafe")),
            row(NCIT, SAFE, about("MrUnsafe")),
        ],
        "the codes of conditional and unsafe are swapped": [
            row(NCIT, UNSAFE, about("MrConditional")),
            row(NCIT, CONDITIONAL, about("MrUnsafe")),
        ],
        "a device without a label is labeled": [
            term(VOCABULARY, "MrNotLabeled", "ia:UninformativeMrLabel ,\n        ", "")
        ],
    },
    "criterion": {
        "a benign radiograph is inconclusive": [
            built_row(CRITERIA, "RadiographInconclusive", "UncharacterizedResult", "BenignResult")
        ],
        "an indeterminate ultrasound is conclusive": [
            built_row(
                CRITERIA,
                "NoncontrastUltrasoundConclusive",
                "SimpleBenignResult",
                "IndeterminateResult",
            )
        ],
        "the radiograph is refuted by the ultrasound": [
            built_row(
                CRITERIA,
                "RadiographInconclusive",
                ",RadiographConclusive,",
                ",NoncontrastUltrasoundConclusive,",
            )
        ],
        "mild claustrophobia is severe": [
            term(SAFETY, "SevereClaustrophobiaPresent", "ia:Severe ;", "ia:Mild ;")
        ],
        "a deep mass is superficial": [
            built_row(CRITERIA, "DeepMassPresentation", "DeepToFascia", "SuperficialDepth")
        ],
        "a screening that was passed contraindicates": [
            term(
                SAFETY,
                "IntraocularMetalPresent",
                "ia:IntraocularMetallicForeignBody",
                "ia:MriSafetyScreeningPassed",
            )
        ],
        "kidney injury is an early disease": [
            term(VOCABULARY, "AcuteKidneyInjury", "ia:SevereKidneyDisease", "ia:EarlyKidneyDisease")
        ],
    },
    "pathway": {
        "what follows suspicion follows an open result": [
            term(
                TOPIC,
                "PathwaySuspicious",
                "ia:afterResult ia:SuspiciousResult",
                "ia:afterResult ia:IndeterminateResult",
            )
        ],
        "an indeterminate study ends the work up": [
            term(
                TOPIC,
                "PathwayIndeterminate",
                "ia:TreatAsPotentiallyMalignant",
                "ia:NoFurtherWorkup",
            )
        ],
        "an indeterminate radiograph ends the work up": [
            term(
                TOPIC,
                "PathwayInitialSimpleBenign",
                "ia:afterResult ia:SimpleBenignResult",
                "ia:afterResult ia:IndeterminateResult",
            )
        ],
        "a specific lesion needs no work up": [
            term(
                TOPIC,
                "PathwaySimpleBenign",
                "ia:afterResult ia:SimpleBenignResult",
                "ia:afterResult ia:SpecificBenignResult",
            )
        ],
        "only who feels nothing is treated": [
            term(TOPIC, "PathwaySpecificBenignSymptomatic", "ia:Symptomatic", "ia:Asymptomatic")
        ],
        "a suspicion no longer holds back": [
            term(TOPIC, "NoFurtherWorkup", "    ia:heldBackBy ia:UnweighedSuspicionPresent ;\n", "")
        ],
        "a liposarcoma is a simple lesion": [
            term(VOCABULARY, "Liposarcoma", "ia:SuspiciousResult", "ia:SimpleBenignResult")
        ],
        "a suspicious result is the least worrying": [
            term(VOCABULARY, "SuspiciousResult", "ia:worryRank 1", "ia:worryRank 12")
        ],
    },
    "code": {
        "a pacemaker is a sarcoma": [row(SNOMED, PACEMAKER, about("SoftTissueSarcoma"))],
        "a pacemaker has no code": [row(SNOMED, PACEMAKER, nothing)],
        "a pacemaker only asks": [row(SNOMED, PACEMAKER, asking)],
        "a pacemaker on the problem list only asks": [row(ICD, STATUS, asking)],
        "a neurostimulator is a joint": [row(ICD, "ICD10CM:Z96.82", about("JointProsthesis"))],
        "a suspicious report is benign": [
            row(RADLEX, "RADLEX:RID39314", about("SimpleBenignResult"))
        ],
        "a removal is a pacemaker": [row(SNOMED, "SCTID:62881002", about("CardiacPacemaker"))],
        "a gadolinium agent is another allergen": [
            row(RXNORM, "RXNORM:1310171", about("OtherAllergen"))
        ],
        "the egfr has no code": [row(LOINC, EGFR, nothing)],
        "a pacemaker in words is about the kidneys": [
            text("tables/hazards.csv", "\npacemaker*,mri,", "\npacemaker*,kidney,")
        ],
    },
    "band": {
        "low kidney function is below 3": [
            term(VOCABULARY, "EgfrBand", "ia:below 30.0", "ia:below 3.0")
        ],
        "low kidney function is below 300": [
            term(VOCABULARY, "EgfrBand", "ia:below 30.0", "ia:below 300.0")
        ],
        "low kidney function begins at 10": [
            term(VOCABULARY, "EgfrBand", "ia:atLeast 0.0", "ia:atLeast 10.0")
        ],
        "a mass of 5 millimeters is large": [
            term(VOCABULARY, "SizeBand", "ia:atLeast 50.000001", "ia:atLeast 5.000001")
        ],
    },
    "region": {
        "the thigh is of the arm": [
            term(VOCABULARY, "Thigh", "ia:partOf ia:LowerExtremity", "ia:partOf ia:UpperExtremity")
        ],
        "the hand is of the leg": [
            term(VOCABULARY, "Hand", "ia:partOf ia:UpperExtremity", "ia:partOf ia:LowerExtremity")
        ],
        "the hollow of the knee is at the elbow": [
            term(VOCABULARY, "PoplitealFossa", "ia:partOf ia:Knee", "ia:partOf ia:Elbow")
        ],
        "the groin is easy on radiographs": [
            term(
                VOCABULARY,
                "Groin",
                "ia:AreaDifficultOnRadiographs",
                "ia:AreaEvaluableOnRadiographs",
            )
        ],
        "the breast is covered": [
            term(VOCABULARY, "Breast", "ia:SiteOutsideTopic", "ia:CoveredSite")
        ],
    },
    "table not built": {
        "a category is not built": [
            text(
                "topics/soft-tissue-masses/ratings.csv",
                RATING % "usually-appropriate",
                RATING % "usually-not-appropriate",
            )
        ],
        "a region of an order is not built": [
            text("tables/orderables.csv", "ia:Ct,ia:Ankle,", "ia:Ct,ia:Elbow,")
        ],
        "an orderable is not built": [
            text(
                "tables/orderables.csv",
                'ia:CtAnkle,"CT ankle, contrast not stated",ia:Ct,ia:Ankle,\n',
                "",
            )
        ],
    },
    "implied site": {
        "a site is misspelt": [row(SNOMED, LOWER_LIMB, site("ia:LowerExtremty"))],
        "a site is a procedure": [row(SNOMED, LOWER_LIMB, site("ia:Ultrasound"))],
    },
    "precedence": {
        "an exclusion comes before all": [
            built_row(SCENARIOS, VARIANT_3, "MriContraindicated:4:", "MriContraindicated:0:")
        ],
        "a pathway comes before all": [
            term(TOPIC, "PathwaySimpleBenign", "ia:precedence 4", "ia:precedence -4")
        ],
        "a benign pathway comes before a suspicious one": [
            term(TOPIC, "PathwaySimpleBenign", "ia:precedence 4", "ia:precedence 1"),
            term(TOPIC, "PathwaySuspicious", "ia:precedence 1", "ia:precedence 4"),
        ],
    },
    "scenario": {
        "a narrower scenario lacks a criterion": [
            built_row(SCENARIOS, VARIANT_4, " RadiographInconclusive,", ",")
        ],
        "contraindicated mri needs no imaging": [
            built_row(SCENARIOS, VARIANT_3, f":4:{VARIANT_4}:", ":4:NoFurtherImaging:")
        ],
    },
    "hazard": {
        "mri has no magnet": [
            term(
                VOCABULARY,
                "MagneticResonanceImaging",
                "ia:exposesTo ia:MagneticField",
                "ia:exposesTo ia:IonizingRadiation",
            )
        ],
        "gadolinium is iodine": [
            term(
                VOCABULARY,
                "GadoliniumBasedContrastAgent",
                "ia:exposesTo ia:GadoliniumContrast",
                "ia:exposesTo ia:IodinatedContrast",
            )
        ],
        "a biopsy does not bleed": [
            term(
                VOCABULARY,
                "BiopsyGuidance",
                "ia:exposesTo ia:Bleeding",
                "ia:exposesTo ia:IonizingRadiation",
            )
        ],
    },
    "device kind": {
        "a pacemaker is passive": [
            term(VOCABULARY, "CardiacPacemaker", "ia:MrRelevantDevice", "ia:PassiveDevice")
        ],
        "a cochlear implant is only asked about": [
            term(VOCABULARY, "CochlearImplant", "ia:MrRelevantDevice", "ia:DeviceToClear")
        ],
        "a device to clear withholds nothing": [
            term(SAFETY, "DeviceToClearPresent", "    ia:withholds ia:MriContraindicated ;\n", "")
        ],
    },
}

SOUND: Edits = {
    "another definition text": [
        term(
            VOCABULARY,
            "Claustrophobia",
            "The fear of closed spaces.",
            "The fear of narrow, closed spaces.",
        )
    ],
    "another name": [
        term(
            VOCABULARY, "Thigh", '"thigh"@en ;', '"thigh"@en ;\n    skos:altLabel "upper leg"@en ;'
        )
    ],
    "another label": [
        term(
            SAFETY,
            "LoopRecorderRule",
            '"magnetic field with a loop recorder"@en',
            '"magnetic field with an implanted loop recorder"@en',
        )
    ],
    "another wording of a question": [
        term(
            SAFETY,
            "BreastFeedingPresent",
            "Is the patient breast-feeding?",
            "Does the patient breast-feed a child?",
        )
    ],
    "another wording of an advice": [
        term(
            SAFETY,
            "ConditionalDeviceRule",
            "Scan only under the conditions",
            "Scan under no other than the conditions",
        )
    ],
    "another place of a question": [
        term(SAFETY, "BreastFeedingPresent", "ia:askOrder 92", "ia:askOrder 95")
    ],
    "one more source": [
        term(
            SAFETY,
            "GlucoseSensorRule",
            "dcterms:source ia:InsulinDevicesReview2021",
            "dcterms:source ia:InsulinDevicesReview2021 , ia:ScannerInstructions",
        )
    ],
    "one more word for a hazard": [
        text(
            "tables/hazards.csv",
            "\npacemaker*,mri,",
            "\nheart stimulater*,mri,project\npacemaker*,mri,",
        )
    ],
    "another remark": [
        text(TOPIC, "sarcoma center must not wait.", "sarcoma center must not be put off.")
    ],
    "a note of the editors": [
        term(
            VOCABULARY,
            "EgfrBand",
            'ia:unit "mL/min/{1.73_m2}"',
            'ia:unit "mL/min/{1.73_m2}" ;\n    skos:editorialNote "Read again."@en',
        )
    ],
}
