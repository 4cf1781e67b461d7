"""A stand-in for api.mercadopago.com and for the customer's phone. It speaks HTTP only and imports nothing of ours."""
