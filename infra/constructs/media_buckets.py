"""Where photos, clips, films and music are stored."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment

PHOTO_ORIGINAL: Final = "owners/*/uploads/*/original"
PHOTO_PREVIEW: Final = "owners/*/uploads/*/preview.jpg"
CLIPS: Final = "owners/*/clips/*"
CLIP_MASTER: Final = "owners/*/clips/*/master.mp4"
FILMS: Final = "owners/*/projects/*/films/*"
FILM_FILE: Final = "owners/*/projects/*/films/*/film.mp4"
FILM_POSTER: Final = "owners/*/projects/*/films/*/poster.jpg"
FILM_PREVIEW: Final = "owners/*/projects/*/films/*/preview.webp"
SEGMENTS: Final = "owners/*/projects/*/segments/*"
JOBS: Final = "jobs/*"
CLIP_PREVIEW: Final = "owners/*/clips/*/preview.mp4"
CLIP_POSTER: Final = "owners/*/clips/*/poster.jpg"
MUSIC: Final = "music/*"
INCOMING: Final = "incoming/"
"""Files that are opened as soon as they arrive, and useless a day later."""

INCOMING_MUSIC: Final = "incoming/owners/*/music/*"
OWN_MUSIC: Final = "owners/*/music/*"

_READ: Final = "s3:GetObject"
_WRITE: Final = "s3:PutObject"
_DELETE: Final = "s3:DeleteObject"
_TAG: Final = "s3:PutObjectTagging"
_ABORT: Final = "s3:AbortMultipartUpload"


class MediaBuckets(Construct):
    """
    The private buckets of photos and clips, and the one that keeps their access logs.

    Keys begin with `owners/<owner>/`, those of jobs with `jobs/`, those of our music with `music/`,
    and those of files that expire within a day with `incoming/`. Stateful: renaming this construct
    replaces the buckets.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self.access_logs = self._bucket(
            "AccessLogs",
            lifecycle=[s3.LifecycleRule(id="forget", expiration=Duration.days(90))],
        )
        acknowledge(self.access_logs, {"AwsSolutions-S1": "This bucket is where access logs go."})
        self.photos = self._bucket(
            "Photos",
            logged_as="photos/",
            cors_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET, s3.HttpMethods.HEAD],
        )
        self.clips = self._bucket(
            "Clips",
            logged_as="clips/",
            cors_methods=[s3.HttpMethods.GET, s3.HttpMethods.HEAD],
        )
        self._exports = {bucket: self._export(bucket) for bucket in (self.photos, self.clips)}
        # The L2 property would add a custom resource for what the bucket can declare itself.
        photos = self.photos.node.default_child
        assert isinstance(photos, s3.CfnBucket)  # noqa: S101  # what an L2 bucket is made of
        photos.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )

    def _bucket(
        self,
        construct_id: str,
        *,
        logged_as: str | None = None,
        cors_methods: list[s3.HttpMethods] | None = None,
        lifecycle: list[s3.LifecycleRule] | None = None,
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=self.access_logs if logged_as else None,
            server_access_logs_prefix=logged_as,
            cors=self._cors(cors_methods) if cors_methods else None,
            lifecycle_rules=lifecycle or self._media_lifecycle(),
            removal_policy=(
                RemovalPolicy.RETAIN if self._environment.keeps_data else RemovalPolicy.DESTROY
            ),
        )

    def _export(self, bucket: s3.Bucket) -> tuple[str, str]:
        """
        Export the bucket's ARN; return the export's name, and what imports it.

        The name is fixed because cdk-nag's findings contain it, and so do our acknowledgements.
        """
        name = self._environment.name_of(f"{bucket.node.id.lower()}-bucket-arn")
        return name, Stack.of(bucket).export_value(bucket.bucket_arn, name=name)

    def _cors(self, methods: list[s3.HttpMethods]) -> list[s3.CorsRule]:
        return [
            s3.CorsRule(
                allowed_methods=methods,
                allowed_origins=list(self._environment.allowed_origins),
                # Range and conditional requests, so that a player can seek and a page can cache.
                allowed_headers=["*"],
                exposed_headers=["ETag", "Content-Length", "Content-Range", "Accept-Ranges"],
                max_age=3600,
            )
        ]

    @staticmethod
    def _media_lifecycle() -> list[s3.LifecycleRule]:
        return [
            s3.LifecycleRule(
                id="abandoned-parts", abort_incomplete_multipart_upload_after=Duration.days(1)
            ),
            # Segments of films. A segment that is needed later is encoded again.
            s3.LifecycleRule(
                id="passing", tag_filters={"keep": "week"}, expiration=Duration.days(7)
            ),
            # An order to the still-motion provider is useless once its attempt has ended.
            s3.LifecycleRule(id="old-jobs", prefix="jobs/", expiration=Duration.days(7)),
            # Each is deleted once it is opened; this rule is for those that were not.
            s3.LifecycleRule(id="forgotten-arrivals", prefix=INCOMING, expiration=Duration.days(1)),
            s3.LifecycleRule(
                id="rarely-read",
                transitions=[
                    s3.Transition(
                        storage_class=s3.StorageClass.INTELLIGENT_TIERING,
                        transition_after=Duration.days(30),
                    )
                ],
            ),
        ]

    def grant_photo_uploads(self, function: ServiceFunction) -> None:
        """Let *function* sign uploads of originals and downloads of previews."""
        function.add_environment(PHOTOS_BUCKET=self.photos.bucket_name)
        self._grant(function, self.photos, {PHOTO_ORIGINAL: [_WRITE], PHOTO_PREVIEW: [_READ]})

    @staticmethod
    def _grant_list(function: ServiceFunction, bucket: s3.Bucket) -> None:
        # Without it S3 answers 403 for a missing file, and we need to know that it is missing.
        function.allow(["s3:ListBucket"], [bucket.bucket_arn])

    def grant_open_photos(self, function: ServiceFunction) -> None:
        """Let *function* read originals and write previews."""
        function.add_environment(PHOTOS_BUCKET=self.photos.bucket_name)
        self._grant(function, self.photos, {PHOTO_ORIGINAL: [_READ], PHOTO_PREVIEW: [_WRITE]})
        self._grant_list(function, self.photos)

    def grant_read_photos(self, function: ServiceFunction) -> None:
        """Let *function* read originals."""
        function.add_environment(PHOTOS_BUCKET=self.photos.bucket_name)
        self._grant(function, self.photos, {PHOTO_ORIGINAL: [_READ]})
        self._grant_list(function, self.photos)

    def grant_clip_previews(self, function: ServiceFunction) -> None:
        """Let *function* sign downloads of watermarked previews and posters, nothing cleaner."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {CLIP_PREVIEW: [_READ], CLIP_POSTER: [_READ]})

    def grant_clip_downloads(self, function: ServiceFunction) -> None:
        """Let *function* sign downloads of masters as well, and delete all files of a clip."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {CLIPS: [_READ, _DELETE]})
        self._grant_list(function, self.clips)

    def grant_delete_clips(self, function: ServiceFunction) -> None:
        """Let *function* delete all files of a clip, and read none."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {CLIPS: [_DELETE]})
        self._grant_list(function, self.clips)

    def grant_read_music(self, function: ServiceFunction) -> None:
        """Let *function* read the music of films, and sign links to it."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {MUSIC: [_READ]})

    def grant_music_uploads(self, function: ServiceFunction) -> None:
        """Let *function* sign uploads of music, and links to it, and delete it."""
        function.add_environment(
            PHOTOS_BUCKET=self.photos.bucket_name, CLIPS_BUCKET=self.clips.bucket_name
        )
        self._grant(function, self.photos, {INCOMING_MUSIC: [_WRITE, _DELETE]})
        self._grant(function, self.clips, {OWN_MUSIC: [_READ, _DELETE]})
        for bucket in (self.photos, self.clips):
            self._grant_list(function, bucket)

    def grant_open_music(self, function: ServiceFunction) -> None:
        """Let *function* read and delete arrived files, and write and delete prepared ones."""
        function.add_environment(
            PHOTOS_BUCKET=self.photos.bucket_name, CLIPS_BUCKET=self.clips.bucket_name
        )
        self._grant(function, self.photos, {INCOMING_MUSIC: [_READ, _DELETE]})
        self._grant(function, self.clips, {OWN_MUSIC: [_WRITE, _DELETE]})
        for bucket in (self.photos, self.clips):
            self._grant_list(function, bucket)

    def grant_create_jobs(self, function: ServiceFunction) -> None:
        """Let *function* write the jobs of the still-motion provider."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {JOBS: [_READ, _WRITE]})
        self._grant_list(function, self.clips)

    def grant_follow_jobs(self, function: ServiceFunction) -> None:
        """Let *function* read those jobs, and cancel them."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {JOBS: [_READ, _DELETE]})
        self._grant_list(function, self.clips)

    def grant_film_previews(self, function: ServiceFunction) -> None:
        """Let *function* sign downloads of the stills of films."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {FILM_POSTER: [_READ], FILM_PREVIEW: [_READ]})

    def grant_film_downloads(self, function: ServiceFunction) -> None:
        """Let *function* sign downloads of films."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {FILM_FILE: [_READ]})

    def grant_delete_films(self, function: ServiceFunction) -> None:
        """Let *function* delete films and segments."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {FILMS: [_DELETE], SEGMENTS: [_DELETE]})
        self._grant_list(function, self.clips)

    def grant_plan_films(self, function: ServiceFunction) -> None:
        """Let *function* check which segments exist."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {SEGMENTS: [_READ]})
        self._grant_list(function, self.clips)

    def grant_render_films(self, function: ServiceFunction) -> None:
        """Let *function* read masters, and read and write segments."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {CLIP_MASTER: [_READ], SEGMENTS: [_READ, _WRITE, _TAG]})
        self._grant_list(function, self.clips)

    def grant_join_films(self, function: ServiceFunction) -> None:
        """Let *function* read masters, segments and music, and write films in parts."""
        self.grant_render_films(function)
        self.grant_read_music(function)
        self._grant(function, self.clips, {OWN_MUSIC: [_READ]})
        self._grant(function, self.clips, {FILMS: [_READ, _WRITE, _ABORT]})

    def grant_finish_clips(self, function: ServiceFunction) -> None:
        """Let *function* read those jobs, and write the files of a clip."""
        function.add_environment(CLIPS_BUCKET=self.clips.bucket_name)
        self._grant(function, self.clips, {JOBS: [_READ], CLIPS: [_WRITE]})
        self._grant_list(function, self.clips)

    def _grant(
        self, function: ServiceFunction, bucket: s3.Bucket, allowed: Mapping[str, Sequence[str]]
    ) -> None:
        export, arn = self._exports[bucket]
        for keys, actions in allowed.items():
            function.allow(actions, [f"{arn}/{keys}"])
            acknowledge(
                function.role,
                {
                    f"AwsSolutions-IAM5[Resource::{export}/{keys}]": (
                        "Keys hold ids made at run time; the fixed parts of the key are named."
                    )
                },
            )
