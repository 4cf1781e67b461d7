"""What was drawn so far moves from the rows into the storage. Can be run again where it stopped."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import migrations

EXTENSIONS = {"html": "html", "txt": "txt", "pdf": "pdf", "escpos": "bin"}


def to_files(apps, schema_editor):
    documents = apps.get_model("receipts", "Document").objects.using(schema_editor.connection.alias)
    for document in documents.filter(name="").select_related("receipt").iterator(chunk_size=200):
        receipt, data = document.receipt, bytes(document.content)
        document.sha256, document.size = hashlib.sha256(data).hexdigest(), len(data)
        document.name = (
            f"{receipt.store_id}/{receipt.issued_at:%Y/%m}/{receipt.number}-{document.sha256[:12]}"
            f".{EXTENSIONS[document.format]}"
        )
        storages["receipts"].save(document.name, ContentFile(data))
        document.save(update_fields=["name", "sha256", "size"])


def to_rows(apps, schema_editor):
    """Only what the rows could hold before: HTML and text in their one variant."""
    documents = apps.get_model("receipts", "Document").objects.using(schema_editor.connection.alias)
    documents.exclude(format__in=("html", "txt")).delete()
    for document in documents.iterator(chunk_size=200):
        with storages["receipts"].open(document.name) as file:
            document.content = file.read()
        document.save(update_fields=["content"])


class Migration(migrations.Migration):

    dependencies = [
        ('receipts', '0003_document_files'),
    ]

    operations = [migrations.RunPython(to_files, to_rows)]
