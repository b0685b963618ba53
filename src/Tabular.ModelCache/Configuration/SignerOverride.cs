using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Configuration;

/// <summary>The signer that the app chose instead of the one that follows from the settings.</summary>
internal sealed record SignerOverride(IModelSigner Signer);
