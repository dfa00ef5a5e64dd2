"""nextstudy: the next imaging study for a patient, with the proof."""
