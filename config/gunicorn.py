"""How the web process runs. PORT and WEB_CONCURRENCY follow the usual hosting conventions."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 32  # long polls (`?wait=`) hold a thread each; the API keeps at most half of them waiting
timeout = 60
graceful_timeout = 10
keepalive = 30
limit_request_line = 8190  # the most that gunicorn has; longer ones it refuses by itself
control_socket_disable = True  # nobody speaks to it; it would lie in the home folder, one for all instances
