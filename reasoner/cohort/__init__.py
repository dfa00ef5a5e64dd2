"""Answers many patients: every presentation and imaging order, as Parquet tables and a summary.

sources -> partition (by patient) -> answer_partition -> rows -> parquet -> summary
"""
