"""Projects: stories, the clips of many photos, and the sweep of films and batches."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import provider_settings, web_settings
from infra.constructs.project_schedule import ProjectSchedule
from infra.constructs.service_function import ServiceFunction
from infra.stacks.data import DataStack


def equip_projects(service: Service, data: DataStack) -> None:
    """Let the functions of projects do their work, and sweep every minute."""
    api = service.functions[functions.projects.PROJECTS_API]
    api.add_environment(**web_settings(service.environment))
    _grant_order_clips(api, service, data)
    data.records.grant_list(api)
    data.records.grant_find_by_id(api)
    data.media.grant_clip_previews(api)
    data.media.grant_film_previews(api)
    data.secrets.grant_sign(api)
    data.access_audit.grant_append(api)
    data.idempotency.grant_read_write(api)

    sweep = service.functions[functions.projects.PROJECTS_SWEEP]
    _grant_order_clips(sweep, service, data)
    data.records.grant_find_due(sweep)
    data.records.grant_list(sweep)
    data.media.grant_delete_clips(sweep)
    data.media.grant_delete_films(sweep)
    service.assembly.grant_start_execution(sweep)
    service.assembly.grant_describe_and_stop(sweep)
    ProjectSchedule(service.scope, "ProjectSchedule", sweep=sweep)


def _grant_order_clips(function: ServiceFunction, service: Service, data: DataStack) -> None:
    """Let *function* order the clips of a batch, and finish a batch that was cut short."""
    function.add_environment(**provider_settings(service.environment))
    data.ledger.grant_post(function)
    data.records.grant_write(function)
    data.records.grant_read_many(function)
    data.records.grant_delete(function)
    service.generation.grant_start_execution(function)
