"""The cases by family."""

from tests.conformance.cases import (
    comparisons,
    defaults,
    foreign_keys,
    keys,
    moments,
    names,
    numbers,
    options,
    schema,
    texts,
)

CASES = (
    *numbers.CASES,
    *moments.CASES,
    *texts.CASES,
    *keys.CASES,
    *comparisons.CASES,
    *foreign_keys.CASES,
    *schema.CASES,
    *defaults.CASES,
    *names.CASES,
    *options.CASES,
)
