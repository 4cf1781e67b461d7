"""What `manage.py simulator` serves: one process, many threads, state in memory."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "simulator.settings"
application = get_wsgi_application()
