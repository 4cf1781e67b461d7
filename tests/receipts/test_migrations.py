"""Documents that were rows become files, and the way back works."""

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from receipts import services
from receipts.models import Document
from tests.receipts.conftest import close

ROWS = [("receipts", "0003_document_files")]
FILES = [("receipts", "0005_no_rows_for_files")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_rows_become_files_and_files_rows(order, payload) -> None:
    receipt = services.issue(close(order, payload))
    services.draw(receipt)
    said = {d.format: services.document(receipt, d.format)[2] for d in Document.objects.all()}
    try:
        old = migrate(ROWS).get_model("receipts", "Document")
        assert {d.format: bytes(d.content) for d in old.objects.all()} == {f: said[f] for f in ("html", "txt")}
        for name in old.objects.values_list("name", flat=True):
            storages["receipts"].delete(name)
        old.objects.update(name="", sha256="", size=0)  # as they were before there were files
        migrate(FILES)
    finally:
        migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())  # for all tests that follow
    for document in Document.objects.all():
        with storages["receipts"].open(document.name) as file:
            assert file.read() == said[document.format]
        assert services.document(receipt, document.format)[2] == said[document.format]
