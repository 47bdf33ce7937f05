"""Figures about everybody: metrics, funnels, cohorts, paths, attribution, anomalies."""
