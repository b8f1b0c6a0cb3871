"""Films: ordered, made by the assembly workflow, downloaded once they are paid for."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import web_settings
from infra.stacks.data import DataStack


def equip_films(service: Service, data: DataStack) -> None:
    """Let the functions of films do their work."""
    api = service.functions[functions.films.ASSEMBLE_API]
    api.add_environment(**web_settings(service.environment))
    data.ledger.grant_read(api)
    data.records.grant_write(api)
    data.records.grant_read_many(api)
    data.records.grant_find_by_id(api)
    data.media.grant_film_downloads(api)
    service.assembly.grant_start_execution(api)
    data.access_audit.grant_append(api)
    data.idempotency.grant_read_write(api)

    plan = service.functions[functions.films.ASSEMBLE_PLAN]
    data.records.grant_write(plan)
    data.media.grant_plan_films(plan)

    render = service.functions[functions.films.ASSEMBLE_RENDER]
    data.records.grant_write(render)
    data.media.grant_render_films(render)

    join = service.functions[functions.films.ASSEMBLE_JOIN]
    data.records.grant_write(join)
    data.media.grant_join_films(join)

    settle = service.functions[functions.films.ASSEMBLE_SETTLE]
    data.records.grant_write(settle)

    stopped = service.functions[functions.films.ASSEMBLE_STOPPED]
    data.records.grant_write(stopped)
