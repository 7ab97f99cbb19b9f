"""Makes and judges files of formats that others define, by those others' own libraries.

    formats.py misp-make FILE       an event made by pymisp
    formats.py misp-read FILE       what pymisp reads of an event: an object or attribute a line
    formats.py stix-check FILE…     by stix2-validator; fails where one is invalid
    formats.py xlsx-make FILE       a workbook made by openpyxl
    formats.py xlsx-read FILE       its cells, a row a line, with the type of each
"""
import json
import sys
from datetime import datetime

TLP = "tlp:green"


def misp_make(path):
    from pymisp import MISPEvent, MISPObject, MISPSighting

    event = MISPEvent()
    event.info = "Operation Lotus"
    event.uuid = "5e0f3c1a-0000-4000-8000-000000000001"
    event.add_tag("tlp:amber")
    number = event.add_attribute("phone-number", "+12025550123", to_ids=True, comment="of the agency")
    number.add_tag(TLP)
    number.add_tag("docks")
    for at in (1790000000, 1790086400):
        sighting = MISPSighting()
        sighting.from_dict(type="0", date_sighting=at, uuid="5e0f3c1a-0000-4000-8000-0000000000%02d" % (at % 97))
        number.add_sighting(sighting)
    event.add_attribute("email-src", "lotus@example.com", to_ids=True)
    event.add_attribute("url", "https://example.com/lotus", to_ids=True)
    event.add_attribute("domain", "example.com", to_ids=True)
    event.add_attribute("twitter-id", "lotus_demo", to_ids=True)
    event.add_attribute("btc", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", to_ids=True)
    event.add_attribute("sha256", "ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c", to_ids=True)
    event.add_attribute("text", "blue lotus", to_ids=True)
    event.add_attribute("phone-number", "+12025550147", to_ids=False)
    event.add_attribute("ip-dst", "192.0.2.1", to_ids=True)
    gone = event.add_attribute("phone-number", "+12025550199", to_ids=True)
    gone.delete()
    account = MISPObject("telegram-account")
    account.add_attribute("username", "lotus_demo", to_ids=True)
    account.add_attribute("first_name", "Lotus")
    event.add_object(account)
    with open(path, "w") as file:
        file.write(event.to_json())


def misp_read(path):
    from pymisp import MISPEvent

    event = MISPEvent()
    event.load_file(path, validate=True)
    # What pymisp writes again must be what it read.
    again = MISPEvent()
    again.load(event.to_json())
    for object in again.objects:
        parts = {part.object_relation: part for part in object.attributes}
        selector = parts["selector"]
        print(json.dumps({
            "object": object.name,
            "type": selector.type,
            "value": selector.value,
            "to_ids": selector.to_ids,
            "tags": sorted(tag.name for tag in selector.tags),
            **{name: part.value for name, part in parts.items() if name != "selector"},
        }))


def stix_check(*paths):
    from stix2validator import ValidationOptions, validate_file

    bad = 0
    for path in paths:
        result = validate_file(path, ValidationOptions(version="2.1"))
        if not result.is_valid:
            bad += 1
            print(json.dumps({"file": path, "result": result.as_dict()}, default=str))
    sys.exit(1 if bad else 0)


def xlsx_make(path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Numbers"
    sheet.append(["Numbers of the desk"])
    sheet.append(["Telefon", "Zweck", "Wiedervorlage", "Bemerkung", "Alter"])
    sheet.append([12025550123, "find her", datetime(2027, 5, 23), "=1+1", 30])
    sheet["D3"].data_type = "s"
    sheet.append(["+1 202 555 0147", None, datetime(2027, 5, 23, 10, 30), "tall"])
    sheet.append(["hello", None, None, "no number"])
    other = book.create_sheet("Hidden")
    other.sheet_state = "hidden"
    other.append(["Telefon"])
    other.append(["+1 202 555 0199"])
    book.save(path)


def xlsx_read(path):
    from openpyxl import load_workbook

    for row in load_workbook(path).worksheets[0].iter_rows():
        print(json.dumps({"cells": [[cell.data_type, cell.value] for cell in row]}))


if __name__ == "__main__":
    name = sys.argv[1].replace("-", "_")
    known = {each.__name__: each for each in (misp_make, misp_read, stix_check, xlsx_make, xlsx_read)}
    known[name](*sys.argv[2:])
