"""What `manage.py simulator` serves: one process, many threads, state in memory."""

import os

import simplejson
from django.core.wsgi import get_wsgi_application

from simulator import chaos, settings

os.environ["DJANGO_SETTINGS_MODULE"] = "simulator.settings"
application = get_wsgi_application()
if settings.SIMULATOR_CHAOS:
    chaos.change(simplejson.loads(settings.SIMULATOR_CHAOS, use_decimal=True))
