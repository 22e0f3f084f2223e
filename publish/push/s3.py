"""S3 and what speaks like it (MinIO, Ceph, OVH ...): one object a file, under `s3://bucket/prefix/NAME/VERSION/`.

Requests are signed with AWS Signature Version 4 (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
An object carries the SHA-256 of its file, so that one that is there already is left alone; putting an object twice is
putting it once, so every request may be tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from publish.push.client import ATTEMPTS, Upload, wait_for
from publish.push.content import Content, File
from synth.core.errors import UserError

_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Keys:
    """Who signs; the secret parts are never shown."""

    access: str
    secret: str = field(repr=False)
    session: str | None = field(default=None, repr=False)
    region: str = "us-east-1"


def keys_from_environment() -> Keys:
    """The usual AWS variables. Raises UserError when there is no key."""
    access, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not access or not secret:
        remedy = "put it in the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise UserError("there is no key", remedy=remedy)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return Keys(access, secret, os.environ.get("AWS_SESSION_TOKEN"), region)


def signature(method: str, url: str, headers: Mapping[str, str], keys: Keys) -> str:
    """The Authorization header of a request; `headers` hold host, x-amz-date and x-amz-content-sha256, all signed."""
    parts = urlsplit(url)
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(lowered))
    told = [f"{name}:{lowered[name]}" for name in sorted(lowered)]
    digest = lowered["x-amz-content-sha256"]
    canonical = "\n".join([method, parts.path, parts.query, *told, "", names, digest])
    moment = lowered["x-amz-date"]
    scope = f"{moment[:8]}/{keys.region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signed = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={keys.access}/{scope},SignedHeaders={names},Signature={signed}"


@dataclass(frozen=True)
class Bucket:
    """A bucket at an endpoint. `moment` tells the time that signatures carry."""

    endpoint: str
    name: str
    keys: Keys
    sleep: Callable[[float], None] = time.sleep
    moment: Callable[[], time.struct_time] = time.gmtime

    def held(self, key: str) -> str | None:
        """SHA-256 of the file an object was made from; None when there is no such object."""
        headers = self._request("HEAD", key, {}, _EMPTY, None)
        return None if headers is None else headers.get("x-amz-meta-sha256", "")

    def put(self, key: str, file: File) -> None:
        """Make or replace an object."""
        self._request("PUT", key, {"x-amz-meta-sha256": file.sha256}, file.sha256, Upload(file.path, file.flat))

    def _request(self, method: str, key: str, more: dict[str, str], digest: str, upload: Upload | None) -> Any:
        url = f"{self.endpoint.rstrip('/')}/{quote(self.name)}/{quote(key)}"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(method, url, more, digest, upload)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == 404 and method == "HEAD":
                    return None
                if error.code in (401, 403):
                    remedy = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"
                    raise UserError(f"refused the key ({error.code})", file=url, remedy=remedy) from None
                if error.code != 429 and error.code < 500:
                    raise UserError(f"refused the request ({error.code})", file=url, remedy="check --url") from None
                pause = wait_for(error.headers.get("Retry-After"), attempt)
            except (OSError, http.client.HTTPException):
                pause = wait_for(None, attempt)
            if attempt < ATTEMPTS:
                self.sleep(pause)
        raise UserError("does not answer", file=url, remedy="run the same command again later")

    def _once(self, method: str, url: str, more: dict[str, str], digest: str, upload: Upload | None) -> Any:
        moment = self.moment()
        stamp = f"{moment[0]:04}{moment[1]:02}{moment[2]:02}T{moment[3]:02}{moment[4]:02}{moment[5]:02}Z"
        headers = {"host": urlsplit(url).netloc, "x-amz-date": stamp, "x-amz-content-sha256": digest, **more}
        if self.keys.session:
            headers["x-amz-security-token"] = self.keys.session
        headers["Authorization"] = signature(method, url, headers, self.keys)
        data: Any = None
        if upload is not None:
            headers |= {"Content-Length": str(upload.length()), "Content-Type": "application/octet-stream"}
            data = upload.blocks()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return answer.headers


def push_s3(content: Content, url: str, execute: bool, say: Callable[[str], None], bucket: Bucket | None = None) -> int:
    """Put every file that is not there as it is under `url` (s3://bucket/prefix); how many were put, or would be.

    The endpoint is AWS's own, or the one in AWS_ENDPOINT_URL. Raises UserError on another kind of address.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise UserError("is not an S3 address", file=url, remedy="write s3://bucket/prefix")
    place = "/".join(filter(None, (parts.path.strip("/"), content.identifier, str(content.descriptor["version"]))))
    if not execute:
        for file in content.files:
            say(f"PUT s3://{parts.netloc}/{place}/{file.name} ({file.bytes} bytes)")
        return len(content.files)
    if bucket is None:
        keys = keys_from_environment()
        endpoint = os.environ.get("AWS_ENDPOINT_URL") or f"https://s3.{keys.region}.amazonaws.com"
        bucket = Bucket(endpoint, parts.netloc, keys)
    sent = 0
    for file in content.files:
        if bucket.held(f"{place}/{file.name}") != file.sha256:
            bucket.put(f"{place}/{file.name}", file)
            say(f"sent {file.name}")
            sent += 1
    return sent
