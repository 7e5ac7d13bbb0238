"""Pages without login for the tests: a list of customers nobody should put there, a form, and a machine's post."""

from django.http import HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from crm.public.views import LinkPage, PublicPage
from customers.models import Customer


class Names(PublicPage):
    title = "Names"
    template_name = "public/base.html"

    def get(self, request):
        names = ",".join(Customer.objects.order_by("pk").values_list("name", flat=True))
        return HttpResponse(f"{names} {request.user.is_authenticated} {request.membership}")

    def post(self, request):
        Customer.objects.create(name=request.POST["name"])
        return HttpResponse("created")


class Page(PublicPage):
    title = "A page"
    template_name = "public/base.html"

    def get(self, request):
        return self.render()


class Row(LinkPage):
    kind = "row"
    title = "A row"
    template_name = "public/base.html"

    def get(self, request):
        return HttpResponse(f"{self.tenant.slug} {self.token.pk} {Customer.objects.count()}")


@method_decorator(csrf_exempt, name="dispatch")
class Machine(LinkPage):
    kind = "row"

    def post(self, request):
        return HttpResponse("done")


urlpatterns = [path("names/", Names.as_view(), name="names"), path("page/", Page.as_view(), name="page")]
handler404 = "crm.public.views.not_found"
handler403 = "crm.public.views.forbidden"
