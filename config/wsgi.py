"""What gunicorn serves: Django, ahead of it the short way of the polls, and ahead of both who counts how often."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()

from orders.express import ahead_of  # noqa: E402 - its models are there only now
from stores.gate import gate  # noqa: E402

application = gate(ahead_of(_django))
