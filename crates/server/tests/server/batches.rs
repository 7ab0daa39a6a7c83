//! Files and batches over HTTP: their bounds, their ends, and who may see them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use avibench_server::{ApiKey, BatchServing, ServerOptions};
use serde_json::{Value, json};

use crate::running::{Mirror, Running, client};

/// Uploads content as a form, without a library for forms.
async fn upload(server: &Running, content: &str) -> (u16, Value) {
    let form = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--edge\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--edge--\r\n"
    );
    let request = client()
        .post(format!("{}/files", server.base_url))
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(form);
    answer(request).await
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

async fn get(server: &Running, path: &str) -> (u16, Value) {
    answer(client().get(format!("{}/{path}", server.base_url))).await
}

async fn post(server: &Running, path: &str, body: &Value) -> (u16, Value) {
    answer(client().post(format!("{}/{path}", server.base_url)).body(body.to_string())).await
}

fn request(number: usize) -> String {
    let body =
        json!({"model": "m", "messages": [{"role": "user", "content": format!("{number}")}]});
    json!({"custom_id": format!("r{number}"), "method": "POST", "url": "/v1/chat/completions",
        "body": body})
    .to_string()
        + "\n"
}

fn requests(count: usize) -> String {
    (0..count).map(request).collect()
}

/// Makes a batch of an uploaded file; its name.
async fn submit(server: &Running, file: &Value) -> String {
    let wanted = json!({"input_file_id": file["id"], "endpoint": "/v1/chat/completions",
        "completion_window": "24h"});
    let (status, batch) = post(server, "batches", &wanted).await;
    assert_eq!((status, &batch["object"]), (200, &json!("batch")), "{batch}");
    batch["id"].as_str().unwrap().to_owned()
}

async fn ended(server: &Running, batch: &str) -> Value {
    loop {
        let (_, batch) = get(server, &format!("batches/{batch}")).await;
        if ["completed", "failed", "expired", "cancelled"]
            .contains(&batch["status"].as_str().unwrap())
        {
            return batch;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn lines(server: &Running, file: &Value) -> Vec<Value> {
    let path = format!("{}/files/{}/content", server.base_url, file.as_str().unwrap());
    let content = client().get(path).send().await.unwrap().text().await.unwrap();
    content.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_request_as_if_it_came_alone() {
    let server = Running::mirror();
    let (_, file) = upload(&server, &requests(3)).await;
    assert_eq!((&file["filename"], &file["purpose"]), (&json!("a.jsonl"), &json!("batch")));
    let batch = ended(&server, &submit(&server, &file).await).await;
    assert_eq!(batch["request_counts"], json!({"total": 3, "completed": 3, "failed": 0}));
    assert_eq!(batch["error_file_id"], Value::Null);
    let output = lines(&server, &batch["output_file_id"]).await;
    let (_, alone) =
        server.ask(&json!({"model": "m", "messages": [{"role": "user", "content": "1"}]})).await;
    assert_eq!(output[1]["custom_id"], "r1");
    let body = &output[1]["response"]["body"];
    assert_eq!((&body["choices"], &body["usage"]), (&alone["choices"], &alone["usage"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_beyond_the_limit_are_refused_and_leave_room_when_they_go() {
    let batches = BatchServing { stored_bytes: 4_000, ..BatchServing::default() };
    let options = ServerOptions { batches, ..ServerOptions::default() };
    let server = Running::start(Arc::new(Mirror), options);
    let (status, file) = upload(&server, &"x".repeat(3_000)).await;
    assert_eq!(status, 200, "{file}");
    let (status, refused) = upload(&server, &"x".repeat(3_000)).await;
    assert_eq!(status, 413, "{refused}");
    assert!(
        refused["error"]["message"].as_str().unwrap().contains("4000 bytes in all"),
        "{refused}"
    );
    let (_, listed) = get(&server, "files?purpose=batch").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{listed}");
    let path = format!("{}/files/{}", server.base_url, file["id"].as_str().unwrap());
    assert_eq!(answer(client().delete(&path)).await.1["deleted"], true);
    assert_eq!(answer(client().get(&path)).await.0, 404);
    assert_eq!(upload(&server, &"x".repeat(3_000)).await.0, 200);
    // Results that find no room end the batch, and nothing else.
    let (_, listed) = get(&server, "files").await;
    let id = listed["data"][0]["id"].as_str().unwrap().to_owned();
    let _ = answer(client().delete(format!("{}/files/{id}", server.base_url))).await;
    let (_, file) = upload(&server, &requests(20)).await;
    let batch = ended(&server, &submit(&server, &file).await).await;
    assert_eq!(batch["status"], "failed");
    assert!(batch["errors"]["data"][0]["message"].as_str().unwrap().contains("in all"), "{batch}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_end_early_and_say_of_the_rest_why() {
    let options = ServerOptions {
        batches: BatchServing { stop_after: Some(2), shuffle: Some(1), ..BatchServing::default() },
        parallelism: NonZeroUsize::MIN,
        ..ServerOptions::default()
    };
    let server = Running::start(Arc::new(Mirror), options);
    let (_, file) = upload(&server, &requests(5)).await;
    let batch = ended(&server, &submit(&server, &file).await).await;
    assert_eq!(batch["status"], "expired");
    assert_eq!(lines(&server, &batch["output_file_id"]).await.len(), 2);
    let errors = lines(&server, &batch["error_file_id"]).await;
    assert!(errors.len() == 3 && errors.iter().all(|e| e["error"]["code"] == "batch_expired"));
    server.stop().await;

    let options = ServerOptions {
        faults: {
            let mut plan = avibench_server::FaultPlan::default();
            plan.add("latency ms=20").unwrap();
            plan
        },
        ..ServerOptions::default()
    };
    let server = Running::start(Arc::new(Mirror), options);
    let (_, file) = upload(&server, &requests(200)).await;
    let id = submit(&server, &file).await;
    let (_, cancelling) = post(&server, &format!("batches/{id}/cancel"), &Value::Null).await;
    assert_eq!(cancelling["status"], "cancelling");
    let batch = ended(&server, &id).await;
    assert_eq!((&batch["status"], batch["cancelled_at"].is_u64()), (&json!("cancelled"), true));
    let errors = lines(&server, &batch["error_file_id"]).await;
    assert!(errors.len() > 100 && errors.iter().all(|e| e["error"]["code"] == "batch_cancelled"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_batch_and_who_has_no_key_is_refused() {
    let server = Running::mirror();
    let (_, file) = upload(&server, "{\"custom_id\": \"a\"}\n").await;
    let batch = ended(&server, &submit(&server, &file).await).await;
    assert_eq!(
        (&batch["status"], &batch["errors"]["data"][0]["line"]),
        (&json!("failed"), &json!(1))
    );
    for (body, field) in [
        (json!({"input_file_id": file["id"], "endpoint": "/v1/embeddings"}), "endpoint"),
        (json!({"input_file_id": 1, "endpoint": "/v1/chat/completions"}), "input_file_id"),
    ] {
        let (status, refused) = post(&server, "batches", &body).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!(field)), "{refused}");
    }
    assert_eq!(get(&server, "batches/batch_none").await.0, 404);
    assert_eq!(get(&server, "files/file-none/content").await.0, 404);
    server.stop().await;

    let options = ServerOptions { api_key: Some(ApiKey::new("right")), ..ServerOptions::default() };
    let server = Running::start(Arc::new(Mirror), options);
    assert_eq!(upload(&server, "x").await.0, 401);
    for path in ["files", "batches", "files/a", "files/a/content", "batches/a"] {
        assert_eq!(get(&server, path).await.0, 401, "{path}");
    }
    assert_eq!(post(&server, "batches", &json!({})).await.0, 401);
    server.stop().await;
}
