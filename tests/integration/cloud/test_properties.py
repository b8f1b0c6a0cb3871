"""Properties of a template that the emulator alone would drop."""

from dev.cloud.ephemeral import EphemeralCloud


def test_tables_expire_items_and_can_be_recovered(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """TTL and point-in-time recovery of both kinds of table are as the template says."""
    dynamodb = cloud.client("dynamodb")
    for output in ("CallsTable", "GlobalTable"):
        name = outputs[output]
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = dynamodb.describe_continuous_backups(TableName=name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_buckets_keep_lifecycle_tags_encryption_ownership_and_cors(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """What a bucket's template says is what its API tells."""
    s3, bucket = cloud.client("s3"), outputs["PhotosBucket"]
    rules = {
        rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    }
    assert rules["abandoned"]["Expiration"] == {"Days": 1}
    assert rules["abandoned"]["Filter"]["Prefix"] == "waiting/"
    assert rules["parts"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert {"Key": "holds", "Value": "photos"} in tags
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "AES256"
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    cors = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert cors[0]["AllowedOrigins"] == ["http://localhost:5173"]


def test_a_secrets_reference_is_its_arn(cloud: EphemeralCloud, outputs: dict[str, str]) -> None:
    """`Ref` gives the ARN that policies and clients need."""
    arn = outputs["SecretRef"]
    found = cloud.client("secretsmanager").describe_secret(SecretId=arn)
    assert arn.startswith("arn:aws:secretsmanager:")
    assert found["ARN"] == arn


def test_functions_keep_their_dead_letter_queue(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """DeadLetterConfig of a template is part of the function."""
    found = cloud.client("lambda").get_function_configuration(FunctionName=outputs["WorkName"])
    assert found["DeadLetterConfig"]["TargetArn"].startswith("arn:aws:sqs:")
