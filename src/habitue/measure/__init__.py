"""Figures about everybody: metrics, funnels, cohorts, paths, attribution, anomalies."""

__all__: list[str] = []
