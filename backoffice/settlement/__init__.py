"""Mercado Pago's settlement reports beside what is known here: fees, taxes and net of each payment.

Two reports are read, as CSV with `;` or `,`. Their columns, as Mercado Pago documents them:

- *All transactions* (`settlement_report`): https://www.mercadopago.com.ar/developers/en/docs/reports/account-money/report-fields
- *Releases* (`release_report`): https://www.mercadopago.com.ar/developers/en/docs/reports/released-money/report-fields

What those pages do not say is read as integrators' files show it: SOURCE_ID of a refund is the payment's id; fees and
taxes are negative where they cost. Both are checked row by row, so that a file of another kind is seen, not believed.
"""
