"""The web ACL in front of the API."""

from typing import Final

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.environments import Environment

# Within five minutes, from one address: a home with many open pages stays far below.
REQUESTS_PER_ADDRESS: Final = 3_000
# The common rules refuse bodies over 8 kB, which an order of 50 uploads may be.
COUNTED_ONLY: Final = "SizeRestrictions_BODY"
MANAGED: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)


class WebAcl(Construct):
    """AWS's managed rules and a limit for each address, in front of *stage_arn*."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, stage_arn: str
    ) -> None:
        super().__init__(scope, construct_id)
        self.web_acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            name=environment.name_of("api"),
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible(environment.name_of("api")),
            rules=[
                self._limit_addresses(),
                *(self._managed(name, priority) for priority, name in enumerate(MANAGED, start=1)),
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=stage_arn, web_acl_arn=self.web_acl.attr_arn
        )

    @staticmethod
    def _limit_addresses() -> wafv2.CfnWebACL.RuleProperty:
        return wafv2.CfnWebACL.RuleProperty(
            name="address-limit",
            priority=0,
            action=wafv2.CfnWebACL.RuleActionProperty(block={}),
            statement=wafv2.CfnWebACL.StatementProperty(
                rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP",
                    limit=REQUESTS_PER_ADDRESS,
                    evaluation_window_sec=300,
                )
            ),
            visibility_config=_visible("address-limit"),
        )

    @staticmethod
    def _managed(name: str, priority: int) -> wafv2.CfnWebACL.RuleProperty:
        counted = (
            [
                wafv2.CfnWebACL.RuleActionOverrideProperty(
                    name=COUNTED_ONLY,
                    action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={}),
                )
            ]
            if name == "AWSManagedRulesCommonRuleSet"
            else None
        )
        return wafv2.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
            statement=wafv2.CfnWebACL.StatementProperty(
                managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS", name=name, rule_action_overrides=counted
                )
            ),
            visibility_config=_visible(name),
        )


def _visible(metric: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True,
        metric_name=metric,
        # Samples hold people's requests.
        sampled_requests_enabled=False,
    )
