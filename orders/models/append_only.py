"""Rows that are written once. PostgreSQL refuses to change them too (migration `append_only`)."""

from typing import Any, NoReturn

from django.db import models


class AppendOnly(models.Model):
    """A row that is neither changed nor deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is append-only.")
