namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>One request to Cloud KMS. Sending it again does no harm: a second signature is another one of the same digest.</summary>
/// <param name="Operation">What is asked for, for messages.</param>
/// <param name="Permission">What the caller needs for it.</param>
/// <param name="Path">What follows the name of the key version.</param>
/// <param name="Body">The JSON to post; <see langword="null"/> gets.</param>
internal sealed record KmsCall(string Operation, string Permission, string Path, byte[]? Body = null);
