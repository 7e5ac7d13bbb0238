from django.apps import AppConfig


class I18nConfig(AppConfig):
    name = "crm.i18n"
    label = "i18n"
