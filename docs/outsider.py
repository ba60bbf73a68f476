"""What happens to whom, told once and in order: a reader of the topic that knows nothing of Ashiato but docs/kafka.md.

python outsider.py localhost:9092 ashiato.events places.db
"""

import json
import sqlite3
import sys

from kafka import KafkaConsumer, TopicPartition

servers, topic, file = sys.argv[1:4]
db = sqlite3.connect(file)
db.execute("CREATE TABLE IF NOT EXISTS place (partition INTEGER PRIMARY KEY, offset INTEGER, position INTEGER)")
db.execute("CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY, company TEXT, seq INTEGER, type TEXT, stream TEXT)")
consumer = KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="none")
partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
consumer.assign(partitions)
places = {number: (offset, position) for number, offset, position in db.execute("SELECT * FROM place")}
for partition, first in consumer.beginning_offsets(partitions).items():
    consumer.seek(partition, places.get(partition.partition, (first, 0))[0])

while True:
    for partition, records in consumer.poll(timeout_ms=1_000).items():
        position = places.get(partition.partition, (0, 0))[1]
        for record in records:
            said = {name: text.decode() for name, text in record.headers}
            if int(said["ce_previous"]) <= position < int(said["ce_position"]):  # neither before its turn nor seen
                position = int(said["ce_position"])
                event = json.loads(record.value) if record.value else {"type": said["ce_type"]}
                told = (said["ce_id"], record.key.decode(), int(said["ce_seq"]), event["type"], said["ce_subject"])
                db.execute("INSERT INTO told VALUES (?, ?, ?, ?, ?)", told)
        places[partition.partition] = (records[-1].offset + 1, position)
        db.execute("REPLACE INTO place VALUES (?, ?, ?)", (partition.partition, *places[partition.partition]))
        db.commit()  # what was made of the records, and the place, together or not at all
