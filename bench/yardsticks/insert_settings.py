"""The settings of the yardstick of deliveries: the product's, without its middleware."""

from config.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "bench.yardsticks.insert"
WSGI_APPLICATION = "bench.yardsticks.insert.application"
