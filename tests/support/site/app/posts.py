"""Prints the site's present posts from its own database, one JSON object a line: the judge of what was crawled."""

import json

import django

django.setup()

from django_classified.models import Item

for item in Item.objects.filter(is_active=True).order_by("pk").select_related("group__section", "area", "user"):
    print(
        json.dumps(
            {
                "pk": item.pk,
                "path": item.get_absolute_url(),
                "title": item.title,
                "description": item.description,
                "price": str(item.price),
                "section": item.group.section.title,
                "group": item.group.title,
                "area": item.area.title,
                "user": item.user.username,
                "posted_at": item.posted.isoformat(),
                "updated_at": item.updated.isoformat(),
                "images": [image.file.url for image in item.image_set.order_by("pk")],
            }
        )
    )
