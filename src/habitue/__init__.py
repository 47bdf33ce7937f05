"""An open customer-intelligence engine: from raw customer data to exact, live, explained answers."""

__version__ = "0.1.0"
