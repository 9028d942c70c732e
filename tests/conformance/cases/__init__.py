"""The cases by family."""

from tests.conformance.cases import (
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
    *foreign_keys.CASES,
    *schema.CASES,
    *defaults.CASES,
    *names.CASES,
    *options.CASES,
)
