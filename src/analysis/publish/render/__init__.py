"""From an executed notebook to what people get: HTML and PDF, by either engine."""
