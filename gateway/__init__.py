"""Mercado Pago, and nothing but: its HTTP API, its words, its countries. No models, no app, no Django."""
