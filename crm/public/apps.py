from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "crm.public"
    label = "public"
