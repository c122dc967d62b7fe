"""The HTTP service. `app.create_app` builds it; importing this package starts and loads nothing."""
