"""
Upload the music that films and previews use: `python -m tools.publish_music ENVIRONMENT`.

Keys name their content as `echoes.domain.music.tracks` does, so what is there stays and is
never sent again; it may be repeated at any time. Every deployment does so before its
functions change: they
name tracks by what is in them, and must never look for one that has not come yet.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

ASSETS: Final = Path(__file__).parents[1] / "assets" / "music"
CONTENT_TYPE: Final = "audio/mp4"
CACHING: Final = "public, max-age=31536000, immutable"


def publish(s3: Any, bucket: str, *, folder: Path = ASSETS) -> int:  # noqa: ANN401  # boto3's client
    """Put every track that is not there yet into *bucket*; return their number."""
    sent = 0
    for file in sorted(folder.glob("*.m4a")):
        content = file.read_bytes()
        key = f"music/{file.stem}-{hashlib.sha256(content).hexdigest()[:16]}.m4a"
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:  # noqa: PLR2004  # absent
                raise
        else:
            continue
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=CONTENT_TYPE,
            CacheControl=CACHING,
        )
        sent += 1
    return sent


def bucket_of(environment: str) -> str:
    """Return the clips bucket of a deployed environment, from the outputs of its data stack."""
    stack = boto3.client("cloudformation").describe_stacks(StackName=f"echoes-{environment}-data")
    outputs = stack["Stacks"][0].get("Outputs", [])
    return next(output["OutputValue"] for output in outputs if output["OutputKey"] == "ClipsBucket")


def main(arguments: list[str]) -> None:
    """Publish to the environment named first."""
    if len(arguments) != 1:
        sys.exit("usage: python -m tools.publish_music ENVIRONMENT")
    print(f"{publish(boto3.client('s3'), bucket_of(arguments[0]))} tracks sent")


if __name__ == "__main__":
    main(sys.argv[1:])
