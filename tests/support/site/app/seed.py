"""Fills a new site: seed.py COUNT. Writes SITE_DIR/truth.jsonl, what each ad really holds; its URLs are paths."""

import json
import os
import pathlib
import sys

import django

django.setup()

from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.utils.text import slugify
from django_classified.models import Area, Group, Image, Item, Profile, Section
from listings import listings


def poster(name, selectors):
    user, is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if is_new:
        user.set_password("user-pass")
        user.save()
        phones = (written for kind, written, _ in selectors if kind == "phone" and len(written) <= 30)
        Profile.objects.create(user=user, phone=next(phones, ""))
    return user


def post(ad):
    area, _ = Area.objects.get_or_create(slug=slugify(ad["area"]), defaults={"title": ad["area"]})
    section, _ = Section.objects.get_or_create(title=ad["section"])
    group, _ = Group.objects.get_or_create(title=ad["group"], section=section)
    user = poster(ad["user"], ad["selectors"])
    item = Item.objects.create(
        user=user, group=group, area=area, title=ad["title"][:100], description=ad["body"], price=ad["price"]
    )
    files = [ContentFile(image, name=f"ad{ad['n']}-{k}.jpg") for k, image in enumerate(ad["images"])]
    return {
        "pk": item.pk,
        "path": item.get_absolute_url(),
        "title": item.title,
        "user": user.username,
        "profile_phone": user.profile.phone,
        "images": [Image.objects.create(item=item, file=file).file.url for file in files],
        "selectors": [dict(zip(("kind", "written", "canonical"), selector)) for selector in ad["selectors"]],
    }


def main(count):
    Site.objects.update_or_create(pk=1, defaults={"domain": "127.0.0.1", "name": "Classified"})
    User.objects.create_superuser("admin", "admin@example.com", "admin-pass")
    with open(pathlib.Path(os.environ["SITE_DIR"]) / "truth.jsonl", "w") as truth:
        for ad in listings(count):
            truth.write(json.dumps(post(ad)) + "\n")


main(int(sys.argv[1]))
