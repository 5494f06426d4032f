"""Creates many contacts at once with boto3's default retries: `boto3_default.py URL COUNT`.

Each create has a client of its own, as each invocation of a function would.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3

url, count = sys.argv[1], int(sys.argv[2])


def create(number):
    client = boto3.session.Session().client("ssm-contacts", endpoint_url=url, region_name="us-east-2")
    try:
        client.create_contact(Alias=f"boto3-{number}", Type="PERSONAL", Plan={"Stages": []})
        return True
    except client.exceptions.ThrottlingException:
        return False


began = time.monotonic()
with ThreadPoolExecutor(count) as pool:
    succeeded = sum(pool.map(create, range(count)))
print(f"| {count} | boto3, default retries | {succeeded} | {time.monotonic() - began:.0f} s |")
