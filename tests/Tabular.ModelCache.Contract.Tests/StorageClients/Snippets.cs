using Google.Cloud.Storage.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Contract.Tests.StorageClients;

/// <summary>Code of documents.</summary>
internal static class Snippets
{
    public static void UseStorageClient(IHostApplicationBuilder builder)
    {
        // <snippet>
        builder.Services.AddSingleton(StorageClient.Create());
        builder.Services.AddModelCache().UseStorageClient(services => services.GetRequiredService<StorageClient>());
        // </snippet>
    }
}
