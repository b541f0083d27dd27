"""The two desks of the floor, made for a scanner that types: picking and packing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.actions import ROLES_THAT_ACT
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock, gs1
from b2b.core.errors import DomainError, Invalid
from warehousing.policies.dimensions import Size
from warehousing.rest.label import label_pdf, label_zpl, packing_list_pdf
from warehousing.selectors import label, package, packing_desk, work
from warehousing.services import carton, packing, pick, pull, repack

PRINTS = {
    "label": (label_pdf, "application/pdf", "pdf"),
    "zpl": (label_zpl, "application/zpl", "zpl"),
    "list": (packing_list_pdf, "application/pdf", "pdf"),
}


def told(error: DomainError) -> list[str]:
    """Say every fault with what to do about it."""
    if not error.problems:
        return [error.message]
    return [f"{fault.message}. {fault.remedy.capitalize()}".rstrip(". ") + "." for fault in error.problems]


def attempt(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse | list[str]:
    """Do what was pressed, if the person may act; return where it leads, or what is wrong."""
    if not actor_of(request).roles & ROLES_THAT_ACT:
        return [_("Your role may look, but not act.")]
    try:
        return act()
    except DomainError as error:
        return told(error)


def scanned_sscc(text: str) -> str:
    """Read the SSCC off a label, or as it is typed.

    :raises ScanError: when it is neither.
    """
    bare = text.strip()
    return bare if re.fullmatch(r"\d{18}", bare) else gs1.read(bare).sscc or bare


def whole(text: str) -> int:
    """Read a number a person typed; what is none becomes one that no task takes."""
    return int(text) if text.strip().lstrip("-").isdecimal() and len(text) < 16 else -1


@operator_site.page(
    "warehousing/pick/",
    name="warehousing_pick",
    nav=Nav("stock", 21, "barcode_scanner", gettext_lazy("Picking desk")),
)
def picking_page(request: HttpRequest) -> HttpResponse:
    """Claim a list and confirm it pick by pick."""
    given = request.POST if request.method == "POST" else request.GET
    done = attempt(request, lambda: _pick(request, given)) if request.method == "POST" else []
    return _picking(request, given, done) if isinstance(done, list) else done


def _pick(request: HttpRequest, given: Mapping[str, str]) -> HttpResponse:
    by, at, picker = actor_of(request), clock.now(), given.get("picker", "").strip()
    where = "?" + urlencode({name: given.get(name, "") for name in ("warehouse", "picker", "zone")})
    if given.get("do") == "claim":
        house = work.warehouse(by, given.get("warehouse", ""))
        pick.claim(house.pk, picker=picker, zone=given.get("zone", "").strip(), at=at)
    elif given.get("do") == "give_back":
        pick.give_back(picker)
        messages.info(request, _("The list is free for others."))
        where = ""
    else:
        task = work.pick_task(by, given.get("task", ""))
        call: Callable[..., Any] = pick.short if given.get("do") == "short" else pick.confirm
        scans = {name: given.get(name, "") for name in ("place", "goods", "into")}
        call(task.pk, quantity=whole(given.get("quantity", "")), picker=picker, by=by, at=at, **scans)
        messages.success(request, _("%(sku)s is picked.") % {"sku": task.product.sku})
    return HttpResponseRedirect(reverse("operator:warehousing_pick") + where)


def _picking(request: HttpRequest, given: Mapping[str, str], errors: list[str]) -> HttpResponse:
    by = actor_of(request)
    picker = given.get("picker", "") or str(request.user)
    held = work.list_of(by, picker, at=clock.now()) if "picker" in given else None
    to_do = held.to_do if held is not None else []
    context = operator_site.page_context(
        request,
        _("Picking desk"),
        houses=work.warehouses(by),
        warehouse=given.get("warehouse", ""),
        zone=given.get("zone", ""),
        picker=picker,
        list=f"{held.wave.number} / {held.list_number}" if held is not None else "",
        task=to_do[0] if to_do else None,
        left=len(to_do),
        given=given,
        errors=errors,
    )
    return TemplateResponse(request, "warehousing/pick.html", context)


@operator_site.page(
    "warehousing/pack/",
    name="warehousing_pack",
    nav=Nav("stock", 22, "package", gettext_lazy("Packing desk")),
)
def packing_page(request: HttpRequest) -> HttpResponse:
    """Open cartons, scan into them, close them and print their labels."""
    done = attempt(request, lambda: _pack(request)) if request.method == "POST" else []
    if not isinstance(done, list):
        return done
    by = actor_of(request)
    code = request.POST.get("carton") or request.GET.get("carton", "")
    context = operator_site.page_context(
        request,
        _("Packing desk"),
        package=package.visible(by).filter(sscc=code).first() if code else None,
        drops=[] if code else packing_desk.drops(by),
        finished=[] if code else packing_desk.finished(by),
        stopped=[] if code else package.stopped(by).items(),
        given=request.POST,
        errors=done,
    )
    return TemplateResponse(request, "warehousing/pack.html", context)


def _pack(request: HttpRequest) -> HttpResponse:
    given, by, at = request.POST, actor_of(request), clock.now()
    do, code = given.get("do", ""), given.get("carton", "")
    if do == "open":
        wave = packing_desk.wave(by, given.get("wave", ""))
        code = carton.open_for(wave.pk, site_code=given.get("site", ""), by=by, at=at).sscc
    elif do == "put":
        carton.put(code, goods=given.get("goods", ""), quantity=whole(given.get("quantity", "")), at=at)
    elif do == "close":
        weight = given.get("weight", "").strip()
        grams = whole(weight) if weight else None
        carton.close(code, gross_weight_g=grams, size=_size(given.get("size", "")), by=by, at=at)
    elif do == "unpack":
        repack.unpack(code, by=by, at=at)
        code = ""
    elif do == "pull":
        [gone] = pull.pull([scanned_sscc(given.get("sscc", ""))], by=by, at=at)
        told = _("%(number)s is pulled; bring its goods back to their shelf.")
        messages.success(request, told % {"number": gone.number})
    elif do == "ready":
        wave = packing_desk.wave(by, given.get("wave", ""))
        packing.pack(wave.pk, by=by, at=at)
        messages.success(request, _("Dispatch knows of %(number)s.") % {"number": wave.number})
    where = f"?{urlencode({'carton': code})}" if code else ""
    return HttpResponseRedirect(reverse("operator:warehousing_pack") + where)


def _size(text: str) -> Size | None:
    """Read sides as people write them: 600x400x300, or with signs or spaces between."""
    if not text.strip():
        return None
    sides = re.findall(r"\d+", text, re.ASCII)
    if len(sides) != 3 or max(map(len, sides)) > 6:
        raise Invalid(_("Write length, width and height in mm, as 600x400x300."))
    return Size(*map(int, sides))


@operator_site.page("warehousing/print/", name="warehousing_print")
def print_page(request: HttpRequest) -> HttpResponse:
    """Send the label or packing list of a package."""
    if request.GET.get("what", "") not in PRINTS:
        raise Http404
    draw, kind, suffix = PRINTS[request.GET["what"]]
    sscc = request.GET.get("sscc", "")
    try:
        drawn = draw(label.of_package(actor_of(request), sscc))
    except DomainError as error:
        raise Http404(error.message) from error
    headers = {"Content-Disposition": f'inline; filename="{sscc}.{suffix}"'}
    return HttpResponse(drawn, content_type=kind, headers=headers)
