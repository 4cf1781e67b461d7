"""What the back-office keeps itself."""

from backoffice.models.second_factor import SecondFactor

__all__ = ["SecondFactor"]
