"""
Lifecycle rules, tags, encryption, ownership and locks of buckets reach them from a template.

Upstream: the provisioner drops these properties, although the S3 API of ministack keeps each of
them.

AWS: a bucket has the properties of its template (CloudFormation, AWS::S3::Bucket).

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-buckets`:

* `test_properties.py::test_buckets_keep_lifecycle_tags_encryption_ownership_and_cors`
"""

import importlib
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from dev.cloud.patches.patch import Patch, Source, provisioners


def _text(parent: Element, tag: str, value: object) -> None:
    if value is not None:
        SubElement(parent, tag).text = str(value)


def lifecycle_xml(lifecycle: dict[str, Any]) -> bytes:
    """Return a `LifecycleConfiguration` property as the body of PutBucketLifecycleConfiguration."""
    root = Element("LifecycleConfiguration")
    for rule in lifecycle.get("Rules") or []:
        element = SubElement(root, "Rule")
        _text(element, "ID", rule.get("Id"))
        _text(element, "Status", rule.get("Status", "Enabled"))
        _filter(element, rule)
        expiration = SubElement(element, "Expiration")
        _text(expiration, "Days", rule.get("ExpirationInDays"))
        _text(expiration, "Date", rule.get("ExpirationDate"))
        _text(expiration, "ExpiredObjectDeleteMarker", _bool(rule, "ExpiredObjectDeleteMarker"))
        if not len(expiration):
            element.remove(expiration)
        abort = (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation")
        if abort is not None:
            _text(
                SubElement(element, "AbortIncompleteMultipartUpload"), "DaysAfterInitiation", abort
            )
        noncurrent = rule.get("NoncurrentVersionExpiration") or {}
        days = noncurrent.get("NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays"))
        if days is not None:
            _text(SubElement(element, "NoncurrentVersionExpiration"), "NoncurrentDays", days)
        for transition in rule.get("Transitions") or []:
            moved = SubElement(element, "Transition")
            _text(moved, "Days", transition.get("TransitionInDays"))
            _text(moved, "StorageClass", transition.get("StorageClass"))
    return tostring(root)


def _bool(props: dict[str, Any], name: str) -> str | None:
    return None if props.get(name) is None else str(props[name]).lower()


def _filter(element: Element, rule: dict[str, Any]) -> None:
    tags = rule.get("TagFilters") or []
    prefix = rule.get("Prefix")
    found = SubElement(element, "Filter")
    several = len(tags) + (prefix is not None) > 1
    inside = SubElement(found, "And") if several else found
    if prefix is not None or not tags:
        SubElement(inside, "Prefix").text = prefix or ""
    for tag in tags:
        pair = SubElement(inside, "Tag")
        _text(pair, "Key", tag["Key"])
        _text(pair, "Value", tag["Value"])


def encryption_xml(encryption: dict[str, Any]) -> bytes:
    """Return a `BucketEncryption` property as the body of PutBucketEncryption."""
    root = Element("ServerSideEncryptionConfiguration")
    for rule in encryption.get("ServerSideEncryptionConfiguration") or []:
        element = SubElement(root, "Rule")
        default = rule.get("ServerSideEncryptionByDefault") or {}
        applied = SubElement(element, "ApplyServerSideEncryptionByDefault")
        _text(applied, "SSEAlgorithm", default.get("SSEAlgorithm"))
        _text(applied, "KMSMasterKeyID", default.get("KMSMasterKeyID"))
        _text(element, "BucketKeyEnabled", _bool(rule, "BucketKeyEnabled"))
    return tostring(root)


def tags_xml(tags: list[dict[str, str]]) -> bytes:
    """Return a `Tags` property as the body of PutBucketTagging."""
    root = Element("Tagging")
    tag_set = SubElement(root, "TagSet")
    for tag in tags or []:
        pair = SubElement(tag_set, "Tag")
        _text(pair, "Key", tag["Key"])
        _text(pair, "Value", tag["Value"])
    return tostring(root)


def ownership_xml(ownership: dict[str, Any]) -> bytes:
    """Return an `OwnershipControls` property as the body of PutBucketOwnershipControls."""
    root = Element("OwnershipControls")
    for rule in ownership.get("Rules") or []:
        _text(SubElement(root, "Rule"), "ObjectOwnership", rule.get("ObjectOwnership"))
    return tostring(root)


def object_lock_xml(lock: dict[str, Any]) -> bytes:
    """Return an `ObjectLockConfiguration` property as the body of PutObjectLockConfiguration."""
    root = Element("ObjectLockConfiguration")
    _text(root, "ObjectLockEnabled", lock.get("ObjectLockEnabled", "Enabled"))
    retention = (lock.get("Rule") or {}).get("DefaultRetention")
    if retention:
        default = SubElement(SubElement(root, "Rule"), "DefaultRetention")
        for name in ("Mode", "Days", "Years"):
            _text(default, name, retention.get(name))
    return tostring(root)


def _apply() -> None:
    s3: Any = importlib.import_module("ministack.services.s3")

    def lock(name: str, body: bytes) -> object:
        # A bucket made with a lock is versioned, whatever else its template says.
        s3._bucket_versioning[name] = "Enabled"
        return s3._put_object_lock_configuration(name, body)

    cfn: Any = provisioners()
    cfn._S3_BUCKET_CONFIGURATIONS += (
        (
            "LifecycleConfiguration",
            lifecycle_xml,
            s3._put_bucket_lifecycle,
            s3._delete_bucket_lifecycle,
        ),
        (
            "BucketEncryption",
            encryption_xml,
            s3._put_bucket_encryption,
            s3._delete_bucket_encryption,
        ),
        ("Tags", tags_xml, s3._put_bucket_tagging, s3._delete_bucket_tagging),
        (
            "OwnershipControls",
            ownership_xml,
            s3._put_bucket_ownership_controls,
            s3._delete_bucket_ownership_controls,
        ),
        # A lock cannot be taken off again.
        ("ObjectLockConfiguration", object_lock_xml, lock, lambda _name: None),
    )


PATCH = Patch(
    name="buckets",
    reason="LifecycleConfiguration, BucketEncryption, Tags, OwnershipControls and "
    "ObjectLockConfiguration of a template are dropped",
    sources=(
        Source(
            "ministack.services.cloudformation.provisioners:_s3_apply_configurations",
            "9a299ad21255ed90",
        ),
        Source("ministack.services.s3:_put_bucket_lifecycle", "8babb1b384083332"),
        Source("ministack.services.s3:_put_bucket_encryption", "ba17e3bceb83267a"),
        Source("ministack.services.s3:_put_bucket_tagging", "83874fa5d6987655"),
        Source("ministack.services.s3:_put_bucket_ownership_controls", "aa16648e62845dab"),
        Source("ministack.services.s3:_put_object_lock_configuration", "596d4a42de3b6400"),
    ),
    apply=_apply,
)
