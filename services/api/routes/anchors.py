"""The route for where a company's checkpoints are kept outside."""

from commands.anchors import SetAnchorWebhook
from services.api.keeping_bodies import WebhookBody
from services.api.routes.carrying import command

ENDPOINTS = (
    command("PUT", "/v1/checkpoints/webhook", SetAnchorWebhook, lambda c: SetAnchorWebhook(c.body.url), WebhookBody),
)
