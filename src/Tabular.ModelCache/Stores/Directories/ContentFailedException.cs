namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Carries what the caller's content stream threw through the code that translates failures of the disk.</summary>
internal sealed class ContentFailedException(Exception cause) : Exception(cause.Message, cause);
