"""Transforms for what rules in migrator.toml do not reach."""

from __future__ import annotations

import json

import pandas as pd


def tidy_tags(groups: pd.DataFrame) -> pd.DataFrame:
    """Tags of a group in alphabetical order, each once."""
    groups["tags"] = groups["tags"].map(lambda text: json.dumps(sorted(set(json.loads(text))), ensure_ascii=False))
    return groups
