"""The route for where a company's checkpoints are kept outside."""

from commands.anchors import SetAnchorWebhook
from services.api.call import Call
from services.api.keeping_bodies import WebhookBody
from services.api.routes.carrying import command
from services.webhooks import callable_address


def _webhook(call: Call) -> SetAnchorWebhook:
    body: WebhookBody = call.body
    return SetAnchorWebhook(callable_address(body.url, call.deps.settings.webhook_hosts))


ENDPOINTS = (command("PUT", "/v1/checkpoints/webhook", SetAnchorWebhook, _webhook, WebhookBody),)
