"""The phone book and the call history in the web interface."""

from microdot.microdot import Response

from services.web.api import body_of
from services.web.request import BadRequest


async def phonebook(web, request):
    book = web.phone.phonebook
    return Response({"names": book.entries, "most": book.most})


async def save_phonebook(web, request):
    (names,) = body_of(request, "names")
    mistakes = web.phone.phonebook.replace(names)
    if mistakes:
        raise BadRequest("some values are invalid", 422, mistakes)
    return Response({})


async def clear_calls(web, request):
    web.phone.call_control.history.clear()
    web.phone.shell.refresh()
    return Response({})
