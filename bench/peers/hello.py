"""The least WSGI app, for Gunicorn."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain;charset=UTF-8")])
    return [b"Hello World"]
