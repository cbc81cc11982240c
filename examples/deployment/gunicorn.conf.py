# The deployment as it was: Gunicorn behind nginx, started by systemd. It stands
# here to be read beside corn.config.ts.
wsgi_app = "shop.wsgi"
bind = "unix:/run/shop/shop.sock"
workers = 4
timeout = 60
graceful_timeout = 30
keepalive = 75
max_requests = 10000
max_requests_jitter = 1000
limit_request_line = 8190
proc_name = "shop"
umask = 0o027
forwarded_allow_ips = "*"
accesslog = "/var/log/shop/access.log"
errorlog = "/var/log/shop/error.log"
loglevel = "info"
capture_output = True
statsd_host = "127.0.0.1:8125"
statsd_prefix = "shop"


def when_ready(server):
    server.log.info("shop is open")
