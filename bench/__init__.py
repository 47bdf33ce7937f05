"""Measures the promised figures: `python -m bench` for definitions, `python -m bench.build` for loads and builds."""
