"""What gunicorn serves: Django, and ahead of it the short way of the polls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()

from orders.express import ahead_of  # noqa: E402 - its models are there only now

application = ahead_of(_django)
