"""Clips: ordered, made by the generation workflow, shown, and settled in any case."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import polling_settings, provider_settings, web_settings
from infra.constructs.generation_recovery import GenerationRecovery
from infra.constructs.service_function import ServiceFunction
from infra.stacks.data import DataStack


def equip_clips(service: Service, data: DataStack) -> None:
    """Let the functions of clips do their work, and recover attempts that lost their execution."""
    _equip_api(service, data)
    _equip_status(service, data)
    _equip_workflow(service, data)
    _equip_recovery(service, data)


def _equip_api(service: Service, data: DataStack) -> None:
    api = service.functions[functions.clips.GENERATE_API]
    api.add_environment(
        **web_settings(service.environment), **provider_settings(service.environment)
    )
    data.ledger.grant_post(api)
    data.records.grant_write(api)
    data.records.grant_delete(api)
    data.records.grant_find_by_id(api)
    data.media.grant_clip_downloads(api)
    service.generation.grant_start_execution(api)
    data.secrets.grant_sign(api)
    data.access_audit.grant_append(api)
    data.idempotency.grant_read_write(api)


def _equip_status(service: Service, data: DataStack) -> None:
    """Every open page asks it: it only reads, and shows films as well."""
    status = service.functions[functions.clips.STATUS_API]
    status.add_environment(**web_settings(service.environment))
    data.records.grant_read(status)
    data.records.grant_find_by_id(status)
    data.media.grant_clip_previews(status)
    data.media.grant_film_previews(status)
    data.access_audit.grant_append(status)


def _equip_workflow(service: Service, data: DataStack) -> None:
    submit = service.functions[functions.clips.GENERATE_SUBMIT]
    submit.add_environment(
        **provider_settings(service.environment), **polling_settings(service.environment)
    )
    data.records.grant_write(submit)
    data.media.grant_read_photos(submit)
    data.media.grant_create_jobs(submit)
    data.secrets.grant_call_providers(submit)

    poll = service.functions[functions.clips.GENERATE_POLL]
    poll.add_environment(**polling_settings(service.environment))
    data.records.grant_write(poll)
    data.media.grant_follow_jobs(poll)
    data.secrets.grant_call_providers(poll)

    finish = service.functions[functions.clips.GENERATE_FINISH]
    data.records.grant_write(finish)
    data.media.grant_finish_clips(finish)
    data.secrets.grant_call_providers(finish)

    settle = service.functions[functions.clips.GENERATE_SETTLE]
    data.ledger.grant_post(settle)
    data.records.grant_write(settle)
    data.records.grant_delete(settle)


def _equip_recovery(service: Service, data: DataStack) -> None:
    stopped = service.functions[functions.clips.GENERATE_STOPPED]
    _grant_recover(stopped, data)

    sweep = service.functions[functions.clips.GENERATE_SWEEP]
    _grant_recover(sweep, data)
    data.ledger.grant_find_open_holds(sweep)
    data.records.grant_find_due(sweep)
    service.generation.grant_start_execution(sweep)
    service.generation.grant_describe_and_stop(sweep)

    GenerationRecovery(
        service.scope,
        "GenerationRecovery",
        state_machine=service.generation.state_machine,
        stopped=stopped,
        sweep=sweep,
    )


def _grant_recover(function: ServiceFunction, data: DataStack) -> None:
    """Let *function* settle an attempt in place of its execution."""
    data.ledger.grant_post(function)
    data.records.grant_write(function)
    data.records.grant_delete(function)
    data.media.grant_follow_jobs(function)
    data.secrets.grant_call_providers(function)
