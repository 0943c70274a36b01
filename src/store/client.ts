import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { embeddedAccount } from '../aws.ts';

/**
 * The DynamoDB client. Its time-outs are far under the visibility time-out, so that a hung call fails while
 * its message is still ours. Whoever creates it destroys it; the document client's own `destroy` does nothing.
 */
export function createDynamoDbClient(endpoint?: string): DynamoDBClient {
  return new DynamoDBClient({
    ...(endpoint === undefined ? {} : { endpoint, ...embeddedAccount }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/** The client that takes and gives plain objects; attributes that are undefined are not written. */
export function documentsOf(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
